"""Masks that jobs found, for people and programs to take as objects."""

from django.db import models

from .job import Job
from .mask import MaskColumns


class Suggestion(MaskColumns):
    """A mask of a job's result, in its place among them; it goes with the job.

    `height` and `width` are those of the mask's image, `counts` its compressed COCO RLE; bbox and
    area are in pixels. `details` has what only some kinds of jobs say of a mask: its candidate
    and prompts, its image where a job looks at several, its colour.
    """

    # The constraint's index leads with the job.
    job = models.ForeignKey(Job, models.CASCADE, related_name="suggestions", db_index=False)
    position = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    width = models.PositiveIntegerField()
    counts = models.TextField()
    score = models.FloatField(null=True)
    details = models.JSONField(default=dict)

    class Meta:
        ordering = ("job_id", "position")
        constraints = (
            models.UniqueConstraint(
                fields=("job", "position"), name="one_suggestion_a_position_and_job"
            ),
        )

    def __str__(self) -> str:
        return f"suggestion {self.position} of job {self.job_id}"
