import redis
from django.conf import settings


def test_services_answer(services):
    client = redis.Redis(port=settings.REDIS_PORT)
    assert client.execute_command("GRAPH.QUERY", "probe", "RETURN 1")[1] == [[1]]
