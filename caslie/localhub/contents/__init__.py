"""What clients send and fetch: commits, LFS and Xet uploads, downloads."""
