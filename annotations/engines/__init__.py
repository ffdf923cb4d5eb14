"""Image → embedding → masks. Engines know no Django; what they need is passed in."""
