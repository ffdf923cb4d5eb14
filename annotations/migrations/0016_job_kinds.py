from django.db import migrations, models


class Migration(migrations.Migration):
    """The kinds of jobs are declared where their work is done, no longer as choices here."""

    dependencies = [
        ("annotations", "0015_replay_problems"),
    ]

    operations = [
        migrations.AlterField(
            model_name="job",
            name="kind",
            field=models.CharField(max_length=10),
        ),
    ]
