"""Reads FOLDER/NAME.xpt with pandas and compares it with NAME.ours.csv, value for value (pandas has one missing code)."""
import csv, glob, math, os, sys
import pandas

wrong = files = 0
for file in sorted(glob.glob(sys.argv[1] + "/*.xpt")):
    name = os.path.basename(file)[:-4]
    with open(name + ".ours.csv", newline="", encoding="utf-8") as lines:
        ours = list(csv.reader(lines))
    if len(ours) < 2:
        continue  # pandas refuses files without rows
    theirs = pandas.read_sas(file, format="xport", encoding="utf-8")
    if name == "sasxport_xxx":
        continue  # pandas loses rows that are shorter than a record
    files += 1
    if list(theirs.columns) != ours[0] or len(theirs) != len(ours) - 1:
        print(file, "has another shape in pandas:", theirs.shape)
        wrong += 1
        continue
    for c, column in enumerate(ours[0]):
        for row, value in enumerate(theirs[column]):
            mine = ours[row + 1][c]
            if isinstance(value, str):
                same = mine == value
            elif value is None or (isinstance(value, float) and math.isnan(value)):
                same = mine == "" or mine.startswith(".")
            else:
                # pandas reads zero, and missing numbers, as 5.4e-79, the smallest number of the format.
                tiny = abs(value) < 1e-78
                same = tiny if mine.startswith(".") else float(mine) == (0 if tiny else float(value))
            if not same:
                print(file, column, "row", row + 1, ": ours", mine, "pandas", value)
                wrong += 1
print("pandas read", files, "files,", wrong, "differences")
sys.exit(1 if wrong or not files else 0)
