"""What tests share: running servers, browsers, databases."""
