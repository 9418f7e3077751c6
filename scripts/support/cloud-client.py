"""Logs in to an instance of a cloud with what the vendor's own client answers; where the vendor has none,
its answers are held against the shapes that its API document states.

usage: cloud-client.py lambda|daytona|runpod|shadeform

The simulator's env.sh is in the environment, and SIMULATOR_KEY names the key that logs in. Ends with
status 0 when real ssh printed the login that was answered.
"""

import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request


def ssh(host, port, user, *options):
    words = ["ssh", "-F", "none", "-p", str(port), "-l", user]
    for option in (
        "StrictHostKeyChecking=no",
        "UserKnownHostsFile=/dev/null",
        "IdentitiesOnly=yes",
        "LogLevel=ERROR",
        "BatchMode=yes",
        *options,
    ):
        words += ["-o", option]
    return subprocess.run(
        words + [host, "echo $USER"], stdin=subprocess.DEVNULL, capture_output=True, text=True
    )


def login(host, port, user):
    result = ssh(host, port, user, f"IdentityFile={os.environ['SIMULATOR_KEY']}")
    assert (result.returncode, result.stdout) == (0, user + "\n"), result


def lambda_cloud():
    from lambda_cloud_client import ApiClient, Configuration, DefaultApi

    base = os.environ["LAMBDA_BASE_URL"] + "/api/v1"
    client = DefaultApi(
        ApiClient(Configuration(host=base, access_token=os.environ["LAMBDA_API_KEY"]))
    )
    listed = client.list_instances().data
    instance = client.get_instance(listed[0].id).data
    assert instance.id == listed[0].id and instance.status == "active", instance
    assert instance.instance_type.price_cents_per_hour == 210, instance
    # Without the right to port 22 the simulator has its sshd elsewhere, and the API has no word for that.
    if int(os.environ["SIMULATOR_LAMBDA_PORT"]) == 22:
        login(instance.ip, 22, "ubuntu")


def daytona():
    from daytona_api_client import ApiClient, Configuration, SandboxApi

    client = SandboxApi(
        ApiClient(
            Configuration(
                host=os.environ["DAYTONA_API_URL"], access_token=os.environ["DAYTONA_API_KEY"]
            )
        )
    )
    sandbox = client.list_sandboxes().items[0]
    assert sandbox.state.value == "stopped", sandbox
    client.start_sandbox(sandbox.id)
    deadline = time.monotonic() + 30
    while client.get_sandbox(sandbox.name).state.value != "started":
        assert time.monotonic() < deadline, "the sandbox did not start"
        time.sleep(0.1)
    access = client.create_ssh_access(sandbox.id, expires_in_minutes=10)
    assert access.sandbox_id == sandbox.id, access
    _, _, port, destination = access.ssh_command.split(" ")
    user, host = destination.split("@")
    assert user == access.token, access
    # A token is enough: there is no key and no password.
    result = ssh(host, port, user, "IdentityFile=none", "PreferredAuthentications=none")
    assert (result.returncode, result.stdout) == (0, user + "\n"), result
    client.revoke_ssh_access(sandbox.id, token=access.token)
    result = ssh(host, port, user, "IdentityFile=none", "PreferredAuthentications=none")
    assert result.returncode == 255, "the revoked token still lets in"


TEXT, NUMBER, WHOLE, TRUTH = (str,), (int, float), (int,), (bool,)
NULL = (type(None),)


def hold(value, shape, place="answer"):
    """A dictionary has each member that its shape names, "?" allows it to be left out; a list's items are
    all of one shape; a set holds the words that there are; a tuple the types, and shapes, that are meant.
    """
    if isinstance(shape, dict):
        assert isinstance(value, dict), f"{place} is no object: {value!r}"
        for name, inner in shape.items():
            if name.endswith("?") and name[:-1] not in value:
                continue
            name = name.rstrip("?")
            assert name in value, f"{place} has no {name}"
            hold(value[name], inner, f"{place}.{name}")
    elif isinstance(shape, list):
        assert isinstance(value, list), f"{place} is no list: {value!r}"
        for index, item in enumerate(value):
            hold(item, shape[0], f"{place}.{index}")
    elif isinstance(shape, set):
        assert value in shape, f"{place} is none of {sorted(shape)}: {value!r}"
    else:
        types = tuple(one for one in shape if isinstance(one, type))
        fits = isinstance(value, types) and not (isinstance(value, bool) and bool not in types)
        if not fits:
            others = [one for one in shape if not isinstance(one, type)]
            assert others, f"{place} is of another type: {value!r}"
            hold(value, others[0], place)


# runpod/docs, api-reference-v2/openapi.json, 2.0.0: Pod, PodSsh, ListPodsResponse, ErrorResponse.
RUNPOD_ENDPOINT = NULL + ({"host": TEXT, "port": WHOLE, "username": TEXT, "command": TEXT},)
RUNPOD_POD = {
    "id": TEXT,
    "name": TEXT,
    "status": {"PROVISIONING", "STARTING", "RUNNING", "EXITED", "ERROR", "TERMINATED"},
    "actions": [TEXT],
    "image": TEXT,
    "args": TEXT,
    "disk": WHOLE,
    "mounts": {},
    "ports": [TEXT],
    "env": {},
    "registry": TEXT + NULL,
    "gpu?": {"id": TEXT, "count": WHOLE},
    "cloud": {"SECURE", "COMMUNITY"},
    "dataCenterId": TEXT + NULL,
    "cudaVersion": TEXT + NULL,
    "ssh": {"proxy": RUNPOD_ENDPOINT, "direct": RUNPOD_ENDPOINT},
    "template": TEXT + NULL,
    "cost": NUMBER,
    "locked": TRUTH,
    "globalNetworking": {"enabled": TRUTH},
    "runtime": NULL
    + (
        {
            "uptime": NUMBER,
            "ports": [{"private": WHOLE, "public": WHOLE, "type": TEXT, "ip": TEXT}],
        },
    ),
    "createdAt": TEXT,
    "startedAt": TEXT + NULL,
}
RUNPOD_ERROR = {"title": TEXT, "status": WHOLE, "detail": TEXT, "errors?": [TEXT]}

# docs.shadeform.ai, /instances/{id}/info and /instances.
SHADEFORM_INSTANCE = {
    "id": TEXT,
    "cloud": TEXT,
    "region": TEXT,
    "shade_instance_type": TEXT,
    "cloud_instance_type": TEXT,
    "cloud_assigned_id": TEXT,
    "shade_cloud": TRUTH,
    "name": TEXT,
    "configuration": {
        "memory_in_gb": WHOLE,
        "storage_in_gb": WHOLE,
        "vcpus": WHOLE,
        "num_gpus": WHOLE,
        "gpu_type": TEXT,
        "interconnect": TEXT,
        "vram_per_gpu_in_gb": WHOLE,
        "os": TEXT,
    },
    "ip": TEXT,
    "ssh_user": TEXT,
    "ssh_port": WHOLE,
    "status": {
        "creating",
        "pending_provider",
        "pending",
        "active",
        "error",
        "deleting",
        "deleted",
    },
    "cost_estimate": TEXT,
    "hourly_price": WHOLE,
    "created_at": TEXT,
}
SHADEFORM_ERROR = {"error": TEXT, "error_code": TEXT}


def answer(url, headers):
    try:
        with urllib.request.urlopen(urllib.request.Request(url, headers=headers), timeout=10) as got:
            return got.status, json.load(got)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


def scenario(switches):
    url = os.environ["PROVIDER_SIMULATOR_URL"] + "/_simulator/scenario"
    urllib.request.urlopen(url, data=json.dumps(switches).encode(), timeout=10).close()


def documented(realm, instances, one, key, shape, error, states):
    """Holds an API to its document in each of its states, and answers an instance to log in to."""
    status, listed = answer(instances, key)
    assert status == 200, listed
    (name,) = listed.keys() & {"pods", "instances"}
    hold(listed, {name: [shape]})
    found = listed[name][0]
    for state in states + ["RUNNING" if realm == "runpod" else "active"]:
        scenario({f"{realm}.states": [state]})
        status, last = answer(one(found["id"]), key)
        assert status == 200 and last["status"] == state, last
        hold(last, shape)
    for expected, url, headers in (
        (404, one("nobodys"), key),
        (401, instances, {name: "another" for name in key}),
        (401, instances, {}),
    ):
        status, refused = answer(url, headers)
        assert status == expected, refused
        hold(refused, error)
    return last


def runpod():
    base = os.environ["RUNPOD_BASE_URL"] + "/v2/pods"
    pod = documented(
        "runpod",
        base,
        lambda id: f"{base}/{id}",
        {"Authorization": "Bearer " + os.environ["RUNPOD_API_KEY"]},
        RUNPOD_POD,
        RUNPOD_ERROR,
        ["PROVISIONING", "STARTING", "EXITED", "ERROR", "TERMINATED"],
    )
    direct = pod["ssh"]["direct"]
    login(direct["host"], direct["port"], direct["username"])


def shadeform():
    base = os.environ["SHADEFORM_BASE_URL"] + "/v1/instances"
    instance = documented(
        "shadeform",
        base,
        lambda id: f"{base}/{id}/info",
        {"X-API-KEY": os.environ["SHADEFORM_API_KEY"]},
        SHADEFORM_INSTANCE,
        SHADEFORM_ERROR,
        ["creating", "pending_provider", "pending", "error", "deleting", "deleted"],
    )
    login(instance["ip"], instance["ssh_port"], instance["ssh_user"])


{"lambda": lambda_cloud, "daytona": daytona, "runpod": runpod, "shadeform": shadeform}[sys.argv[1]]()
