"""Lambda handlers: plain Python with boto3, nothing else of this repository. They are deployed as they are."""
