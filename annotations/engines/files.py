"""Names in the folder of the prepared model, and of what its decoder's halves share."""

# All four masks for prompts with and without a memory; browsers take this one.
DECODER = "decoder.onnx"
# The same for prompts without one, in two steps: once an image, and for each prompt.
IMAGE_HALF, PROMPTS_HALF = "decoder-image.onnx", "decoder-prompts.onnx"
# What the first hands to the second: the cells, and their keys, values and queries.
SHARED = ("cells", "cell_keys", "cell_values", "cell_queries")
