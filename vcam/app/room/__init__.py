"""Several cameras on one machine: a process for each, and one that watches over them and has their panel."""
