"""The Pulumi program of the platform, its policies, and the emulator that proves it on moto."""
