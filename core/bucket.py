"""The bucket as Django's storage. It loads boto3: named in the settings, imported when the first file is asked for."""

from typing import Any

from boto3.s3.transfer import TransferConfig
from botocore.config import Config
from storages.backends.s3 import S3Storage

#: Seconds to connect and to wait for the next bytes. boto's own minute, five times over, would hold a page's thread.
CONNECT, READ = 3, 20


class Bucket(S3Storage):
    """S3 that gives up in time, and writes an object under its own name or not at all."""

    def get_default_settings(self) -> dict[str, Any]:
        """The library's, with ours."""
        config = Config(
            connect_timeout=CONNECT, read_timeout=READ, retries={"total_max_attempts": 2, "mode": "standard"}
        )
        ours = {
            "client_config": config,
            "transfer_config": TransferConfig(use_threads=False),  # files are small, threads are not
            "file_overwrite": True,
        }
        return {**super().get_default_settings(), **ours}
