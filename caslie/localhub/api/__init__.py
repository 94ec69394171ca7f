"""What clients ask about repositories: which there are, their revisions and files, discussions and pull requests."""
