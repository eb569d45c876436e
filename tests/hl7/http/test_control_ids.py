"""What POST /hl7v2 answers is a message of its own, with an id of its own. Synthetic."""

from flask.testing import FlaskClient

from wherry.testing.hl7 import message, segment


def test_our_control_ids_fit_every_version_of_hl7_and_never_come_twice(
    client: FlaskClient,
) -> None:
    body = message(segment("PID", {3: "42^^^SYNTHETIC", 5: "Made^Up"}))

    said = [client.post("/hl7v2", data=body, content_type="application/hl7-v2") for _ in range(2)]

    ids = {answer.data.split(b"\r")[0].split(b"|")[9] for answer in said}
    assert [len(id_) for id_ in ids] == [20, 20]
