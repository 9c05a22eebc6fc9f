"""`{{ text|markdown }}`"""

from django import template

from monitoring.markdown import render

register = template.Library()
register.filter("markdown", render)
