"""Parts of pages. They draw plain values and call what they are given; they compute nothing and open nothing."""
