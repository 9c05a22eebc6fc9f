"""Who may do what: reviewers judge samples and answers, approvers let a model go live, admins do everything."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase

REVIEWER = "reviewer"
APPROVER = "approver"
ROLES = (REVIEWER, APPROVER)


def roles_create() -> None:
    """Make the groups behind the roles; safe to repeat."""
    for role in ROLES:
        Group.objects.get_or_create(name=role)


def has_role(user: Any, role: str) -> bool:
    """True for members of the role and for admins (superusers); an approver is a reviewer too."""
    if not user.is_active:
        return False
    if user.is_superuser:
        return True
    names = {group.name for group in user.groups.all()}
    return role in names or (role == REVIEWER and APPROVER in names)


def role_required(role: str) -> Callable[..., Any]:
    """View decorator: 403 for signed-in people without the role (signing in itself is middleware)."""

    def decorate(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not has_role(request.user, role):
                raise PermissionDenied(f"This needs the role '{role}': ask an admin to add you.")
            return view(request, *args, **kwargs)

        return guarded

    return decorate
