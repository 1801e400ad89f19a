"""The job that a request means, once its template and presets are merged in.

Members merge one by one and the request wins. Inputs merge by position, so that a template's selectors meet the
request's file; every other list of the request replaces the template's. A preset lies under the output that names it.
(The user guide says that job settings override template settings; how lists merge was not found, this is our reading.)
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import zip_longest
from typing import Any

Json = Mapping[str, Any]
Lookup = Callable[[str], Json]


def effective_request(request: Json, template_of: Lookup, preset_of: Lookup) -> dict[str, Any]:
    """A CreateJob request without references to templates' and presets' settings.

    Args:
        request: as sent; ``JobTemplate`` stays, for it is part of the job's description.
        template_of: name -> job template.
        preset_of: name -> preset.
    """
    complete = dict(request)
    if "JobTemplate" in request:
        template = template_of(request["JobTemplate"])
        kept = ("AccelerationSettings", "HopDestinations", "Priority", "StatusUpdateInterval")
        complete = {**{name: template[name] for name in kept if name in template}, **complete}
        complete["Settings"] = _merged_settings(template["Settings"], request.get("Settings", {}))
    complete["Settings"] = _with_presets(complete.get("Settings", {}), preset_of)
    return complete


def _merged_settings(template: Json, request: Json) -> dict[str, Any]:
    merged = merge(template, request)
    empty: Json = {}
    pairs = zip_longest(template.get("Inputs", []), request.get("Inputs", []), fillvalue=empty)
    inputs = [merge(under, over) for under, over in pairs]
    return {**merged, "Inputs": inputs} if inputs else merged


def _with_presets(settings: Json, preset_of: Lookup) -> dict[str, Any]:
    groups = [
        {**group, "Outputs": [_with_preset(output, preset_of) for output in group["Outputs"]]}
        if "Outputs" in group
        else group
        for group in settings.get("OutputGroups", [])
    ]
    return {**settings, "OutputGroups": groups} if groups else dict(settings)


def _with_preset(output: Json, preset_of: Lookup) -> Json:
    # Both a preset and a container is an error of the request, which the rules report.
    if "Preset" not in output or "ContainerSettings" in output:
        return output
    rest = {name: value for name, value in output.items() if name != "Preset"}
    return merge(preset_of(output["Preset"])["Settings"], rest)


def merge(under: Json, over: Json) -> dict[str, Any]:
    """Two JSON objects as one; where both have a value that is no object, the second wins.

    >>> merge({"a": {"x": 1, "y": 1}, "b": [1]}, {"a": {"y": 2}, "b": [2]})
    {'a': {'x': 1, 'y': 2}, 'b': [2]}
    """
    both = {
        name: merge(under[name], value)
        if isinstance(value, Mapping) and isinstance(under.get(name), Mapping)
        else value
        for name, value in over.items()
    }
    return {**under, **both}
