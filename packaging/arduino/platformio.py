"""Tells PlatformIO which of the compiled libraries fits the board: the folders are those that Arduino knows."""

import os

Import("env")  # noqa: F821 (given by PlatformIO)


def value(flags, option):
    """What the last flag says that begins with this option."""
    found = [flag[len(option) :] for flag in flags if flag.startswith(option)]
    return found[-1] if found else ""


def folder(processor, flags):
    """The folder under src for a processor and the compiler's flags."""
    unit, abi = value(flags, "-mfpu="), value(flags, "-mfloat-abi=")
    if processor == "cortex-m0plus":
        processor = "cortex-m0"
    return os.path.join(processor, unit + "-" + abi) if unit and abi in ("hard", "softfp") else processor


flags = [str(flag) for flag in env.Flatten(env.get("CCFLAGS", []))]  # noqa: F821
processor = value(flags, "-mcpu=") or env.BoardConfig().get("build.cpu", "")  # noqa: F821
path = os.path.join(os.getcwd(), "src", folder(processor, flags))
if not os.path.isdir(path):
    raise SystemExit("Hotnas: there is no library for %s with %s" % (processor, " ".join(flags)))
env.Append(LIBPATH=[path], LIBS=["hotnas_f32"])  # noqa: F821
