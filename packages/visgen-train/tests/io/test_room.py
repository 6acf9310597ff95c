"""How much memory can be had: of the machine, or of the job that this process is in."""

import pytest
from visgen_train.io import room


@pytest.mark.parametrize(
    ("groups", "limits", "least"),
    [
        ("0::/", {"memory.max": "7000"}, 7000),  # a container, which sees its own group as the root
        ("0::/slurm/job_3/step_0", {"slurm/job_3/memory.max": "5000", "slurm/memory.max": "max"}, 5000),
        ("9:cpu:/a\n4:memory:/a/b\n0::/", {"memory/a/memory.limit_in_bytes": "6000"}, 6000),  # version 1
        ("4:memory:/docker/12ab\n0::/", {"memory/memory.limit_in_bytes": "4000"}, 4000),
        ("0::/gone", {}, 90_000 * 1024),
    ],
)
def test_the_least_limit_of_a_job_and_those_above_it(tmp_path, monkeypatch, groups, limits, least):
    for name, text in {"status": "VmRSS:\t 40000 kB", "meminfo": "MemAvailable:  50000 kB", **limits}.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text + "\n")
    (tmp_path / "cgroup").write_text(groups + "\n")
    for name, place in {
        "_STATUS": "status",
        "_MEMORY": "meminfo",
        "_GROUPS": "cgroup",
        "_GROUP_ROOT": "",
    }.items():
        monkeypatch.setattr(room, name, tmp_path / place)
    assert room.usable_memory() == least
