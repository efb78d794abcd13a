cd $1
for file in $(ls -t | tail -n $2); do
  echo $file
  rm -r $file
done
