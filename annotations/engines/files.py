"""Names in the folder of the prepared model, and of what its decoder's halves share."""

ENCODER, ENCODER_INT8 = "encoder.onnx", "encoder-int8.onnx"
# All four masks for prompts with and without a memory; browsers take this one.
DECODER = "decoder.onnx"
# The same for prompts without one, in three steps: once an image, scores, and masks.
IMAGE_PART, SCORES_PART, MASKS_PART = (
    "decoder-image.onnx",
    "decoder-scores.onnx",
    "decoder-masks.onnx",
)
PARTS = (IMAGE_PART, SCORES_PART, MASKS_PART)
# What the first hands to the second: the cells, and their keys, values and queries.
SHARED = ("cells", "cell_keys", "cell_values", "cell_queries")
# What the second hands to the third: the cells after the prompt, and four masks' kernels.
FELT = ("prompted_cells", "kernels")
