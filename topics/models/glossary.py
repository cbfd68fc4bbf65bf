"""Terms that the portal explains."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Lower
from django.urls import reverse
from django.utils.text import slugify

from topics.models.topic import Topic


class GlossaryTerm(models.Model):
    """A term with its abbreviation, spellings and definition. Published as soon as it is saved."""

    term = models.CharField(max_length=120)
    abbreviation = models.CharField(max_length=30, blank=True)
    variants = ArrayField(
        models.CharField(max_length=120),
        default=list,
        blank=True,
        verbose_name="other spellings and names",
    )
    definition = models.TextField()
    topic = models.ForeignKey(
        Topic,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="glossary_terms",
        verbose_name="explained in",
    )

    class Meta:
        ordering = [Lower("term")]
        constraints = [
            models.UniqueConstraint(
                Lower("term"),
                name="glossary_term_unique",
                violation_error_message="This term is in the glossary already.",
            ),
            models.CheckConstraint(
                condition=~models.Q(definition=""), name="glossary_term_has_definition"
            ),
        ]

    def __str__(self):
        return self.term

    def get_absolute_url(self):
        return f"{reverse('glossary')}#term_{slugify(self.term)}"
