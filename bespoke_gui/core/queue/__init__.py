"""Queue: trainings in line, one at a time on each machine; a file in the project's .bespoke."""
