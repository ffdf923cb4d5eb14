from django.db import migrations

# Where the results of jobs of these kinds had their masks.
LISTS = {
    "segment": "masks",
    "regions": "regions",
    "everything": "proposals",
    "alike": "proposals",
}
_OWN = {"rle", "bbox", "area", "score"}


def _jobs(apps):
    """One job with a result after the other: some hold megabytes."""
    rows = apps.get_model("annotations", "Job").objects.filter(kind__in=LISTS, status="Completed")
    for pk in list(rows.order_by("pk").values_list("pk", flat=True)):
        job = rows.only("pk", "kind", "result").get(pk=pk)
        if isinstance(job.result, dict):
            yield job


def move(apps, _editor):
    """Makes the masks within results rows of their own."""
    model = apps.get_model("annotations", "Suggestion")
    for job in _jobs(apps):
        masks = job.result.pop(LISTS[job.kind], [])
        model.objects.bulk_create(_suggestion(model, job, *each) for each in enumerate(masks))
        job.save(update_fields=["result"])


def _suggestion(model, job, position, mask):
    (height, width), (x, y, w, h) = mask["rle"]["size"], mask["bbox"]
    return model(
        job=job, position=position, height=height, width=width, counts=mask["rle"]["counts"],
        bbox_x=x, bbox_y=y, bbox_w=w, bbox_h=h, area=mask["area"], score=mask.get("score"),
        details={name: value for name, value in mask.items() if name not in _OWN},
    )  # fmt: skip


def move_back(apps, _editor):
    """Puts the masks back into the results."""
    model = apps.get_model("annotations", "Suggestion")
    for job in _jobs(apps):
        masks = [_mask(row) for row in model.objects.filter(job=job).order_by("position")]
        job.result = {LISTS[job.kind]: masks, **job.result}
        job.save(update_fields=["result"])
    model.objects.all().delete()


def _mask(row):
    score = {} if row.score is None else {"score": row.score}
    return {
        "rle": {"size": [row.height, row.width], "counts": row.counts},
        "bbox": [row.bbox_x, row.bbox_y, row.bbox_w, row.bbox_h],
        "area": row.area,
        **score,
        **row.details,
    }


class Migration(migrations.Migration):
    dependencies = [
        ("annotations", "0017_suggestions"),
    ]

    operations = [
        migrations.RunPython(move, move_back),
    ]
