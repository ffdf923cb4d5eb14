"""The folder of the prepared model, its files, and what its decoder's parts hand each other."""

# The model's id, and its folder's name below the models'.
MODEL = "mobile_sam"
ENCODER, ENCODER_INT8 = "encoder.onnx", "encoder-int8.onnx"
# All four masks for prompts with and without a mask input; browsers take this one.
DECODER = "decoder.onnx"
# The same for prompts without one, in three steps: once an image, scores, and masks.
IMAGE_PART, SCORES_PART, MASKS_PART = (
    "decoder-image.onnx",
    "decoder-scores.onnx",
    "decoder-masks.onnx",
)
PARTS = (IMAGE_PART, SCORES_PART, MASKS_PART)
# What the first hands to the second: the cells, and their keys, values and queries.
IMAGE_FEATURES = ("cells", "cell_keys", "cell_values", "cell_queries")
# What the second hands to the third: the cells after the prompt, and four masks' kernels.
PROMPT_FEATURES = ("prompted_cells", "kernels")
