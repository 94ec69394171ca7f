"""What people see of a Hub in a browser; nothing on a page is obeyed, whatever a card, a title or a row holds."""
