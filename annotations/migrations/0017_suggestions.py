import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("annotations", "0016_job_kinds"),
    ]

    operations = [
        migrations.CreateModel(
            name="Suggestion",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("position", models.PositiveIntegerField()),
                ("height", models.PositiveIntegerField()),
                ("width", models.PositiveIntegerField()),
                ("counts", models.TextField()),
                ("bbox_x", models.PositiveIntegerField()),
                ("bbox_y", models.PositiveIntegerField()),
                ("bbox_w", models.PositiveIntegerField()),
                ("bbox_h", models.PositiveIntegerField()),
                ("area", models.PositiveBigIntegerField()),
                ("score", models.FloatField(null=True)),
                ("details", models.JSONField(default=dict)),
                (
                    "job",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="suggestions",
                        to="annotations.job",
                    ),
                ),
            ],
            options={
                "ordering": ("job_id", "position"),
                "constraints": [
                    models.UniqueConstraint(
                        fields=("job", "position"), name="one_suggestion_a_position_and_job"
                    )
                ],
            },
        ),
    ]
