"""Staff look at the portal as a customer: they stay who they are, and see what that person sees."""
