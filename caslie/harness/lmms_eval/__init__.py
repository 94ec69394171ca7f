"""The tasks of lmms-eval, as YAML, and what YAML cannot say."""
