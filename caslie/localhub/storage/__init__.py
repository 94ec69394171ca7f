"""What a Hub keeps: accounts, bare git repositories, contents by their sha256, discussions."""
