"""Publishing to a Hugging Face Hub: what the owner decided, the cards, and the checks of what is about to be sent."""
