import unittest

from intervals import merge


class MergeTest(unittest.TestCase):
    def test_touching(self):
        self.assertEqual(merge([(1, 2), (2, 3)]), [(1, 3)])

    def test_inside(self):
        self.assertEqual(merge([(1, 9), (2, 3)]), [(1, 9)])


if __name__ == "__main__":
    unittest.main()
