"""Checks the manifests of a package against the published rules of its build system.

python manifests.py KIND FOLDER

Rules: Arduino library specification 1.5 rev. 2.2; PlatformIO's library.json; ESP-IDF's idf_component.yml; Zephyr's
module.yml (scripts/zephyr_module.py of Zephyr has its schema).
"""

import json
import os
import re
import sys

import yaml

SEMVER = r"\d+\.\d+\.\d+"
# The categories that the specification lists.
CATEGORIES = {
    "Display", "Communication", "Signal Input/Output", "Sensors", "Device Control", "Timing", "Data Storage",
    "Data Processing", "Other",
}  # fmt: skip


def demand(condition, what):
    if not condition:
        sys.exit(what)


def text(folder, name):
    with open(os.path.join(folder, name), encoding="utf-8") as file:
        content = file.read()
    demand("@" not in content.replace("<hotnas@", ""), name + " has a place that was not filled in")
    return content


def mapping(folder, name, required, allowed):
    content = yaml.safe_load(text(folder, name))
    demand(isinstance(content, dict), name + " is not a mapping")
    demand(required <= set(content) <= required | allowed, name + " has the keys " + ", ".join(content))
    return content


def arduino(folder):
    lines = [line for line in text(folder, "library.properties").splitlines() if not line.startswith("#")]
    demand(all("=" in line for line in lines), "library.properties: a line without =")
    fields = dict(line.split("=", 1) for line in lines)
    required = "name version author maintainer sentence paragraph category url architectures".split()
    demand(all(fields.get(key) for key in required), "library.properties: a required field is missing")
    demand(re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9 ._-]{0,62}", fields["name"]), "library.properties: name")
    demand(re.fullmatch(SEMVER, fields["version"]), "library.properties: version")
    demand(fields["category"] in CATEGORIES, "library.properties: category")
    demand(fields["precompiled"] in ("true", "full"), "library.properties: precompiled")
    demand(re.fullmatch(r"-l\w+", fields["ldflags"]), "library.properties: ldflags")
    for header in fields["includes"].split(","):
        demand(os.path.isfile(os.path.join(folder, "src", header)), header + " is not in src")
    library = json.loads(text(folder, "library.json"))
    demand(re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9 -]{0,49}", library["name"]), "library.json: name")
    demand(library["name"] == fields["name"], "library.json: another name")
    demand(library["version"] == fields["version"], "library.json: another version")
    demand(len(library["description"]) <= 255, "library.json: description")
    demand(os.path.isfile(os.path.join(folder, "src", library["headers"])), "library.json: headers")
    script = os.path.join(folder, library["build"]["extraScript"])
    platformio(folder, script)


class Environment:
    """Stands in for PlatformIO's: the calls that the script makes."""

    def __init__(self, flags, processor):
        self.flags, self.processor, self.appended = flags, processor, {}

    def Flatten(self, words):
        return list(words)

    def get(self, name, default):
        return self.flags if name == "CCFLAGS" else default

    def BoardConfig(self):
        return {"build.cpu": self.processor}

    def Append(self, **lists):
        self.appended = lists


def platformio(folder, script):
    hard = ["-mfloat-abi=hard", "-mfpu=fpv4-sp-d16"]
    cases = [
        ([], "cortex-m0plus", "cortex-m0"),
        (["-mcpu=cortex-m4"] + hard, "", "cortex-m4/fpv4-sp-d16-hard"),
    ]
    os.chdir(folder)
    with open(script, encoding="utf-8") as file:
        code = compile(file.read(), script, "exec")
    for flags, processor, expected in cases:
        env = Environment(flags, processor)
        exec(code, {"Import": lambda name: None, "env": env})
        path = os.path.join(os.getcwd(), "src", expected)
        demand(env.appended == {"LIBPATH": [path], "LIBS": ["hotnas_f32"]}, "platformio.py: %s" % env.appended)
    try:
        exec(code, {"Import": lambda name: None, "env": Environment([], "avr")})
    except SystemExit as refusal:
        demand("no library" in str(refusal), "platformio.py: %s" % refusal)
    else:
        sys.exit("platformio.py finds a library for an AVR")


def esp_idf(folder):
    allowed = {"targets", "description", "license", "dependencies", "url", "repository", "documentation", "tags"}
    component = mapping(folder, "idf_component.yml", {"version"}, allowed)
    demand(re.fullmatch(SEMVER, component["version"]), "idf_component.yml: version")
    known = {"esp32c2", "esp32c3", "esp32c5", "esp32c6", "esp32c61", "esp32h2", "esp32p4"}
    demand(component["targets"] and set(component["targets"]) <= known, "idf_component.yml: targets")
    demand(re.fullmatch(r"[<>=~^]*\d+(\.\d+)*", component["dependencies"]["idf"]["version"]), "idf version")


def zephyr(folder):
    module = mapping(folder, "zephyr/module.yml", {"name", "build"}, {"boards", "tests", "samples", "blobs"})
    demand(re.fullmatch(r"[a-zA-Z0-9_-]+", module["name"]), "module.yml: name")
    demand(set(module["build"]) <= {"cmake", "kconfig", "depends", "settings"}, "module.yml: build")
    demand(os.path.isfile(os.path.join(folder, module["build"]["cmake"], "CMakeLists.txt")), "module.yml: cmake")
    demand(os.path.isfile(os.path.join(folder, module["build"]["kconfig"])), "module.yml: kconfig")


if __name__ == "__main__":
    {"arduino": arduino, "esp-idf": esp_idf, "zephyr": zephyr}[sys.argv[1]](os.path.abspath(sys.argv[2]))
