"""Stage 1 on images, stage 2 towards the genetic anchors, and the folder a run writes."""
