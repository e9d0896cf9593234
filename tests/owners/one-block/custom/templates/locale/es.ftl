start-heading = Reciba avisos de tormenta
