"""What the pages of the documentation say, taken apart so that it can be tested."""
