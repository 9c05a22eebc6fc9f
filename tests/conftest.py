"""Fixtures for all tests: real services, named people, signed-in clients."""

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.models import Group, User
from django.test import Client

from web4site.roles import APPROVER, REVIEWER, roles_create
from web4site.services.embedded import services_running


@dataclass(frozen=True)
class People:
    """One person of each kind; everybody's password is their name."""

    admin: User
    approver: User
    reviewer: User
    outsider: User


@pytest.fixture(scope="session")
def services() -> Iterator[None]:
    """Real Redis with the graph module and real Chroma, started once for the whole session."""
    with services_running("redis", "chroma"):
        yield


@pytest.fixture(scope="session", autouse=True)
def _home() -> Iterator[Path]:
    yield settings.WEB4_HOME
    if os.environ.get("WEB4_TEST_HOME") == str(settings.WEB4_HOME):
        shutil.rmtree(settings.WEB4_HOME, ignore_errors=True)


@pytest.fixture
def people(db: None, settings: Any) -> People:
    # A hash made to be slow costs these four people a second and a half in every test.
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    roles_create()

    def person(name: str, role: str = "") -> User:
        user = User.objects.create_user(name, password=name)
        if role:
            user.groups.add(Group.objects.get(name=role))
        return user

    return People(
        admin=User.objects.create_superuser("admin", password="admin"),
        approver=person("approver", APPROVER),
        reviewer=person("reviewer", REVIEWER),
        outsider=person("outsider"),
    )


@pytest.fixture
def client_for() -> Callable[[User], Client]:
    def sign_in(user: User) -> Client:
        client = Client()
        client.force_login(user)
        return client

    return sign_in
