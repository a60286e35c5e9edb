"""What passes between the portal and the bridges: who may enter, and live control."""
