"""Files by which other agents, started in the workspace's folder, load servers, hooks and subagents."""
