"""The tasks of lm-evaluation-harness, as YAML, and what YAML cannot say."""
