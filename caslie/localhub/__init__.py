"""A Hugging Face Hub on your own machine: what the real clients ask, answered from bare git repositories."""
