start-title = Storm alerts,<br>by text
