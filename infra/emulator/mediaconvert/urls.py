"""Where MediaConvert is found: the regional host, and the account hosts that DescribeEndpoints once gave out."""

from __future__ import annotations

from infra.emulator.mediaconvert.responses import MediaConvertResponse

HOSTS = r"https?://([a-z0-9]+\.)?mediaconvert\.(.+)\.amazonaws\.com"

url_bases = [HOSTS]
# Which operation a path means is read from botocore's model.
url_paths = {"{0}/2017-08-29/(?P<route>.+)$": MediaConvertResponse.dispatch}
