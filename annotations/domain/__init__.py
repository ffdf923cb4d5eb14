"""Pure values and maths: masks, RLE, polygons, prompts, orientation. Knows no Django."""
