/** More than four pictures stand beside one another too small to be compared. */
export const mostCompared = 4;
