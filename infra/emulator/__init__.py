"""Runs the unmodified Pulumi program against moto: no CLI, no account, no network."""
