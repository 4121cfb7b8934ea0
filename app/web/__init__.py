"""Pages for people: server-rendered, styled from here, nothing fetched from anyone else."""
