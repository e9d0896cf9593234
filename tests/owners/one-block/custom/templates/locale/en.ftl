start-heading = Join the storm watch
