"""What the trial holds the stack to, in one place: memory of a machine with two cores and 4 GB, and how long a release may take.

A figure is compared once, at the end of what it is about; nothing waits by the clock here (stack.PATIENCE does).
"""

# What a machine of 4 GB has for containers.
ROOM_MB = 3600
# What all that runs may take while idle, without a model.
IDLE_MB = 1200
# A release, from the migration to the last worker; and the way back to the one before.
DEPLOY_S, ROLLBACK_S = 600, 60
# Time series of all processes together.
SERIES = 5000
