"""What the pages of a Hub show of a repository: its card, its files, a dataset's first rows, a model's scores."""
