start-submit = Send my code
done-title = Welcome aboard
