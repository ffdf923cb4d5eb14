"""Tags of the pages: icons from the one sprite, the logo, plural words."""

from django import template
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString

register = template.Library()


@register.simple_tag
def icon(name: str, css: str = "") -> SafeString:
    """A decorative icon: its meaning must also be in the text or label beside it."""
    return format_html(
        '<svg class="icon {}" aria-hidden="true" focusable="false"><use href="{}#{}"/></svg>',
        css,
        static("img/icons.svg"),
        name,
    )


@register.simple_tag
def logo() -> SafeString:
    """The product's mark. The name stands beside it, so it has no text of its own."""
    return format_html(
        '<img class="logo" src="{}" alt="" width="24" height="24">', static("img/logo.svg")
    )


@register.filter
def count(number: int, noun: str) -> str:
    """`3|count:"image"` is `3 images`."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
