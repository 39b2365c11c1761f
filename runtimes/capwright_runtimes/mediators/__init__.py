"""The host's gates, one file for each kind of effect; `broker.py` puts an effect through them in order."""
