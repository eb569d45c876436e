"""The choices that a sender's profile may make, each with its values; the first is the default."""

from collections.abc import Mapping

OPTIONS: Mapping[str, tuple[str, ...]] = {
    # What A04 says of a visit: most senders register a patient who is there.
    "registration": ("arrived", "planned"),
    # Lines of one text in several OBX: joined into one Observation, or one each.
    "narrative": ("concat", "per-obx"),
}
