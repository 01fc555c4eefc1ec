"""Rooms: the widgets of the panels, imported when a panel is first shown."""
